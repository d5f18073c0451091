// A change that a button asks for: busy while it runs, and why it was refused.
export class Action {
  busy = $state(false);
  problem = $state("");

  async run(change: () => Promise<unknown>, then?: () => unknown): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = "";
    try {
      await change();
      await then?.();
      return true;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
