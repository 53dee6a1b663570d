/** The search columns of an entry, in the order in which they are read. */
export const columnNames = [
  'at',
  'action',
  'outcome',
  'principal_id',
  'resource_type',
  'resource_id',
  'workspace',
  'session_id',
  'effect',
  'kind',
] as const
export type ColumnName = (typeof columnNames)[number]
