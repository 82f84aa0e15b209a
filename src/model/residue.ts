/** What hosts leave outside of their store: temp folders, and child processes that still run. */
export interface Residue {
  /** A folder of this host alone. The temp folders of its sessions lie in it, and are removed with it. */
  readonly root: string;
  /**
   * Ends what dead hosts of this machine left running and removes what they left lying. Resolves when their children are gone,
   * or after 10 s with a line in the log. Never rejects.
   */
  sweep(): Promise<void>;
  /** Removes this host's folder. Never rejects. */
  close(): Promise<void>;
}
