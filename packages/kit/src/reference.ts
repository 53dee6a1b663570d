import { isUuid } from './is-uuid.ts'

/** How somebody named a thing: by its id, or by its name. Never both, so a name cannot pass for another thing's id. */
export type Reference = { readonly id: string; readonly name: null } | { readonly id: null; readonly name: string }

/**
 * Reads what somebody named: text in UUID form is only ever an id, all else only ever a name. Both are compared without
 * case. The only place where this is decided; queries compare `id = … or name = …`, and null equals nothing.
 */
export const referenceOf = (text: string): Reference =>
  isUuid(text) ? { id: text.toLowerCase(), name: null } : { id: null, name: text.toLowerCase() }
