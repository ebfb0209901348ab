/** What the full praise of an answer takes off its distance. */
export const LIFT_MAX = 0.5;

/** Past queries near a query that are looked at, nearest first; so many answers at most are fetched where retrieval missed them. */
export const NEAR_PLAYBOOKS_MAX = 50;
