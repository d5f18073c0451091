// One dictionary per language. A missing or superfluous key does not compile, nor does another set of {placeholders}.
import { en } from "../i18n/en";
import { pt } from "../i18n/pt";
import { app } from "./state.svelte";

export type Key = keyof typeof en;
type Holes<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Holes<Rest> : never;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type AllTrue<T extends true> = T;
export type PlaceholdersFit = AllTrue<{ [K in Key]: Same<Holes<(typeof en)[K]>, Holes<(typeof pt)[K]>> }[Key]>;

const dictionaries: Record<"en" | "pt", Record<Key, string>> = { en, pt };

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return dictionaries[app.language][key].replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

export function metricName(name: string): string {
  const key = `metric.${name}`;
  return key in en ? t(key as Key) : name.replaceAll("_", " ");
}

// A word that the API uses (a state, a severity), translated when we know it.
export function word(value: string | null | undefined): string {
  if (!value) return "–";
  const key = `word.${value}` as Key;
  return key in en ? t(key) : value.replaceAll("_", " ");
}
