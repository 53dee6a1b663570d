import { sql, type RawBuilder } from 'kysely'

/** Names of so few characters stand in any text; they are looked for as words of their own. */
export const shortNameMax = 3

/**
 * Whether a text has one of the names in it. Short ones count as words of their own: whoever calls themselves `e` would
 * take the searches and the reasons of everybody with them.
 */
export const namesOneOf = (
  names: readonly string[],
  text: RawBuilder<unknown>,
): RawBuilder<boolean> => sql<boolean>`exists (
  select from unnest(${[...names]}::text[]) as known
  where case when char_length(known) > ${shortNameMax}::int then position(lower(known) in lower(${text})) > 0
    else lower(${text}) ~ ('(^|[^[:alnum:]])' || regexp_replace(lower(known), '([^[:alnum:]])', '\\\\\\1', 'g')
      || '($|[^[:alnum:]])') end)`
