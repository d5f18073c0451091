// Something fetched: its value, whether it is on its way, and why it is not there.
export class Resource<T> {
  value = $state.raw<T | null>(null);
  error = $state<string | null>(null);
  loading = $state(false);
  #turn = 0;

  constructor(private readonly fetcher: () => Promise<T>) {}

  async refresh(): Promise<void> {
    const turn = ++this.#turn; // an answer that comes after a newer question is not taken
    this.loading = true;
    try {
      const value = await this.fetcher();
      if (turn === this.#turn) {
        this.value = value;
        this.error = null;
      }
    } catch (error) {
      if (turn === this.#turn) this.error = error instanceof Error ? error.message : String(error);
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }
}
