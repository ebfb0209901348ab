const KIB = 1024;
const MIB = 1024 * KIB;

/** Types are guessed from this much of the file, and then held against all of it. */
export const SAMPLE_BYTES = 2 * MIB;

/** Values of one column that decide whether a dictionary pays off. */
export const DICTIONARY_SAMPLE_VALUES = 4096;
