/** The five roles, with what each is for. */
export const roleOptions = [
  ['Admin', 'Admin'], ['Developer', 'Developer'], ['Operator', 'Operator'], ['Viewer', 'Viewer'], ['Auditor', 'Auditor'],
] as const
