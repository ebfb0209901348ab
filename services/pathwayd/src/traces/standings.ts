/** What has to be known of the memory to decide on a command. */
export interface Standings {
  /** @returns undefined where no trace has the uid */
  standing(uid: string): Standing | undefined;
  /** The uid of a trace of the namespace that says just this and is not retired: the one that has said so longest. */
  liveWith(namespace: string, digest: string): string | undefined;
}

export interface Standing {
  readonly namespace: string;
  readonly tags: readonly string[];
  readonly retired: boolean;
  readonly successorUid: string | undefined;
}
