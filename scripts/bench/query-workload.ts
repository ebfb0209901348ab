/** Small queries as people send them. */
export const queries = {
  "count(*)": "SELECT count(*) FROM workers",
  "GROUP BY role": "SELECT role, count(*) AS n FROM workers GROUP BY role ORDER BY n DESC",
  AVG: "SELECT avg(hourly_rate) FROM workers",
  "filtered GROUP BY": "SELECT role, avg(hourly_rate) FROM workers WHERE state = 'IL' GROUP BY role ORDER BY role",
  DESCRIBE: "DESCRIBE workers",
};
