import { command, type Command } from './command.ts'
import { flag, totpFlag } from './flag.ts'

/** People. */
export const peopleCommands: readonly Command[] = [
  command(
    'user import',
    'Import people with the password hashes they have (argon2id, bcrypt, scrypt) from a table or JSON; all or none.',
    {
      covers: ['user.import'],
      flags: [
        flag('file', 'CSV, tab-separated text, JSON or JSON Lines; - is standard input', { required: true }),
        totpFlag,
      ],
      positionals: ['file'],
      assurance: 'su',
      examples: ['people.csv', 'people.json --totp 123456', '- --json < people.csv'],
      run: async (cli, args) => (await import('./run-user-import.ts')).runUserImport(cli, args),
    },
  ),
]
