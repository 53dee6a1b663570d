export { tableBytesMax } from './decode-text.ts'
export { readTable, readTableText, type TableForm, type TableRead, type TableRecord } from './read-table.ts'
export type { TableProblem } from './table-problem.ts'
