/** The five roles, with what each is for. */
export const roleOptions = [
  ['Admin', 'Admin'],
  ['Developer', 'Developer'],
  ['Operator', 'Operator'],
  ['Viewer', 'Viewer'],
  ['Auditor', 'Auditor'],
] as const

/** A role's name. */
export type Role = (typeof roleOptions)[number][0]

/** What each role lets a person do, as it is said before it is given or taken. */
export const roleWords: Readonly<Record<Role, string>> = {
  Admin: 'everything that no policy forbids, people and settings included',
  Developer: 'credentials of development workspaces of their teams, and the policies that bind them',
  Operator: 'credentials for hosts in the workspaces of their teams, those hosts, and the record of those workspaces',
  Viewer: 'seeing what is alive in the workspaces of their teams, and changing nothing',
  Auditor: 'reading everything, the record and the policies included, and changing nothing',
}
