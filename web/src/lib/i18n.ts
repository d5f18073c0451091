// One dictionary per language. A missing or superfluous key does not compile; a test compares the placeholders.
import { en } from "../i18n/en";
import { pt } from "../i18n/pt";
import { app } from "./state.svelte";

export type Key = keyof typeof en;
const dictionaries: Record<"en" | "pt", Record<Key, string>> = { en, pt };

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return dictionaries[app.language][key].replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

// A word that the API uses (a state, a severity), translated when we know it.
export function word(value: string | null | undefined): string {
  if (!value) return "–";
  const key = `word.${value}` as Key;
  return key in en ? t(key) : value.replaceAll("_", " ");
}
