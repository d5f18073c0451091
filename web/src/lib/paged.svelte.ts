// A list that comes a page at a time, by the cursor that the API gives.
import { get } from "./api";
import type { List } from "./types";

export class Paged<T> {
  items = $state.raw<T[]>([]);
  next = $state<string | number | null>(null);
  error = $state<string | null>(null);
  loading = $state(false);
  loaded = $state(false);
  #turn = 0;

  // `query` is asked at each load, so that filters may change.
  constructor(
    private readonly path: () => string,
    private readonly query: () => Record<string, string | number | undefined>,
    private readonly cursor: "before" | "after" = "before",
  ) {}

  // From the beginning, keeping what is shown until the answer is there.
  async refresh(): Promise<void> {
    const turn = ++this.#turn;
    await this.#load(turn, {}, () => []);
  }

  async more(): Promise<void> {
    if (this.next === null || this.loading) return;
    await this.#load(++this.#turn, { [this.cursor]: this.next }, () => this.items);
  }

  async #load(turn: number, where: Record<string, string | number>, keep: () => T[]): Promise<void> {
    this.loading = true;
    try {
      const page = await get<List<T>>(this.path(), { ...this.query(), ...where });
      if (turn !== this.#turn) return;
      this.items = [...keep(), ...page.items];
      this.next = page.next;
      this.error = null;
      this.loaded = true;
    } catch (error) {
      if (turn === this.#turn) this.error = error instanceof Error ? error.message : String(error);
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }
}
