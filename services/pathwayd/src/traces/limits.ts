/** Lists and objects of a content within each other. */
export const CONTENT_DEPTH_MAX = 128;
