/** A file that is made, not written: where it lies in the repository, and all of its text. */
export interface GeneratedFile {
  readonly path: string
  readonly text: string
}

/** What stands on line one of a generated Markdown file. */
export const markdownNotice = (source: string): string =>
  `<!-- Generated from ${source} by \`npm run generate\`. Do not edit: a check compares it. -->`

/** Text inside a cell of a Markdown table. */
export const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')

/** `sshCertificate` → `ssh-certificate`, as commands and flags spell it. */
export const kebab = (text: string): string => text.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()
