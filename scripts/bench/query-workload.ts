/** Small queries as people send them. */
export const queries = {
  "count(*)": "SELECT count(*) FROM workers",
  "GROUP BY role": "SELECT role, count(*) AS n FROM workers GROUP BY role ORDER BY n DESC",
  AVG: "SELECT avg(hourly_rate) FROM workers",
  "filtered GROUP BY": "SELECT role, avg(hourly_rate) FROM workers WHERE state = 'IL' GROUP BY role ORDER BY role",
  DESCRIBE: "DESCRIBE workers",
};

/** Every row with every column. */
export const LARGE = "SELECT * FROM workers";

/** About a second of work for a core, and a small answer. */
export const LONG = "SELECT role, count(DISTINCT email), max(md5(resume_text)) FROM workers GROUP BY role";
