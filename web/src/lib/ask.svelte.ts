// One dialog for every "are you sure, and why": resolves to the text given, or null when it was called off.
import type { Snippet } from "svelte";

export interface Question {
  title: string;
  text?: string;
  body?: Snippet;
  confirm: string;
  danger?: boolean;
  wide?: boolean;
  reason?: { label: string; required: boolean };
}

export const asking = $state<{ question: Question | null; answer: ((text: string | null) => void) | null }>({
  question: null,
  answer: null,
});

export function ask(question: Question): Promise<string | null> {
  asking.answer?.(null);
  return new Promise((resolve) => {
    asking.question = question;
    asking.answer = (text) => {
      asking.question = null;
      asking.answer = null;
      resolve(text);
    };
  });
}
