// What every page shares.
import type { Session, Status } from "./types";

export type Language = "en" | "pt";
export type Theme = "light" | "dark";

function remembered<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
  const value = localStorage.getItem(key) as T | null;
  return value !== null && allowed.includes(value) ? value : otherwise;
}

const browserLanguage: Language = navigator.language.toLowerCase().startsWith("pt") ? "pt" : "en";
const systemTheme: Theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

export const app = $state({
  session: null as Session | null,
  needsSignIn: false,
  status: null as Status | null,
  live: "connecting" as "connecting" | "live" | "lost",
  language: remembered<Language>("vigia.language", ["en", "pt"], browserLanguage),
  theme: remembered<Theme>("vigia.theme", ["light", "dark"], systemTheme),
  now: Date.now(), // of the server, kept going by a timer
});

export function setLanguage(language: Language): void {
  app.language = language;
  localStorage.setItem("vigia.language", language);
}
export function setTheme(theme: Theme): void {
  app.theme = theme;
  localStorage.setItem("vigia.theme", theme);
}

const ranks = { viewer: 0, operator: 1, admin: 2 } as const;
export function may(role: keyof typeof ranks): boolean {
  if (!app.session) return false;
  if (!app.session.user) return false;
  return ranks[app.session.role] >= ranks[role];
}

let skew = 0;
export function heardTime(now: string): void {
  const time = Date.parse(now);
  if (!Number.isNaN(time)) skew = time - Date.now();
}
setInterval(() => (app.now = Date.now() + skew), 1000);
