/** The five roles. What each may do is the policies' to say, and what it is for the server's. */
export const roleOptions = [
  ['Admin', 'Admin'],
  ['Developer', 'Developer'],
  ['Operator', 'Operator'],
  ['Viewer', 'Viewer'],
  ['Auditor', 'Auditor'],
] as const

/** A role's name. */
export type Role = (typeof roleOptions)[number][0]
