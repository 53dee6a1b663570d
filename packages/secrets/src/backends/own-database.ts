/** What Gatehouse's own database says of itself, so that no credential of it is ever given out. */
export interface OwnDatabase {
  identity(): Promise<{ readonly system: string; readonly database: string }>
  /** Which of these roles of the same server may read our rows, or act as who owns them. */
  readersAmong(roles: readonly string[]): Promise<readonly string[]>
}
