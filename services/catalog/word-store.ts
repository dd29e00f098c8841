import type { Sql } from "../../lib/database.ts";
import { containing } from "./model.ts";

export interface WordsAlike {
  readonly word: string;
  /** Whether it is, or is a part of, a word that some product has or had. */
  readonly isKnown: boolean;
  /** Known words that look like it. */
  readonly alike: readonly string[];
}

/** What is known of words, which are given and answered in letters. */
export const findAlike = (sql: Sql, words: readonly string[]): Promise<WordsAlike[]> => sql<WordsAlike[]>`
  select w.word, exists (select from search_word known where known.word like w.pattern) as is_known,
    array(select alike.word from words_like(w.word) as alike) as alike
  from unnest(${[...words]}::text[], ${words.map(containing)}::text[]) as w (word, pattern)`;
