// Server-sent events: the status document for every page, and whoever listens for the rest.
import { get } from "./api";
import { app, heardTime } from "./state.svelte";
import type { Entry, Incident, Status } from "./types";

interface Events {
  incident: Incident;
  timeline: { incident: string; entry: Entry };
  run: { id: string; incident: string; state: string };
  reset: null;
}
type Listeners = { [K in keyof Events]: Set<(data: Events[K]) => void> };
const listeners: Listeners = { incident: new Set(), timeline: new Set(), run: new Set(), reset: new Set() };

// Returns what ends it, for $effect.
export function on<K extends keyof Events>(kind: K, listener: (data: Events[K]) => void): () => void {
  listeners[kind].add(listener);
  return () => listeners[kind].delete(listener);
}

function tell<K extends keyof Events>(kind: K, data: Events[K]): void {
  for (const listener of listeners[kind]) listener(data);
}

function take(status: Status): void {
  app.status = status;
  heardTime(status.now);
}

export async function refreshStatus(): Promise<void> {
  take(await get<Status>("/status"));
}

let source: EventSource | null = null;
let again: ReturnType<typeof setTimeout> | undefined;

export function listen(): void {
  hangUp();
  source = new EventSource("/api/v1/events");
  source.onopen = () => (app.live = "live");
  source.onerror = () => {
    app.live = "lost";
    // The browser reconnects by itself, unless the answer was an error.
    if (source?.readyState === EventSource.CLOSED) again = setTimeout(listen, 3000);
    refreshStatus().catch(() => undefined);
  };
  source.addEventListener("status", (event) => {
    app.live = "live";
    take(JSON.parse(event.data as string) as Status);
  });
  for (const kind of ["incident", "timeline", "run"] as const) {
    source.addEventListener(kind, (event) => tell(kind, JSON.parse(event.data as string) as never));
  }
  source.addEventListener("reset", () => tell("reset", null));
}

export function hangUp(): void {
  clearTimeout(again);
  source?.close();
  source = null;
}
