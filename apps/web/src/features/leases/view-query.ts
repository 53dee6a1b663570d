import { queryOf } from '../../ui/query-of.ts'

/** Filters of the list of leases. */
export const filterNames = ['search', 'state', 'backend', 'principal', 'workspace', 'host'] as const

/** What a view keeps: the filters and the order. */
export const viewNames = [...filterNames, 'sort'] as const

/** The query of the address that a saved view stands for. Its filters are the list's input, as the server wrote it. */
export const queryOfView = (filters: string): string =>
  queryOf(new URLSearchParams(JSON.parse(filters) as Record<string, string>).toString(), viewNames)
