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
  Admin: 'full access, including people and settings, within the policies',
  Developer: 'credentials in the development workspaces of their teams, and viewing policies',
  Operator: 'hosts, credentials and the audit log in the workspaces of their teams',
  Viewer: 'read-only access to the workspaces of their teams',
  Auditor: 'read-only access to everything, including the audit log and policies',
}
