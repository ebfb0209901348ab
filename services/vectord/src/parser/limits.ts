/** Objects within objects of an item's metadata. */
export const METADATA_DEPTH_MAX = 64;
