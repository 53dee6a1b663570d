import { command, type Command } from './command.ts'

const onTheServer = (words: string, summary: string, examples: readonly string[]): Command =>
  command(words, `${summary} Runs on the server's own machine.`, {
    verbatim: true,
    rest: null,
    examples,
    run: async (cli, args) =>
      (await import('./run-on-server.ts')).runOnServer(cli, [...words.split(' '), ...args.rest]),
  })

/** What runs on the server's own machine. */
export const serverCommands: readonly Command[] = [
  onTheServer('server-config show', 'Print the settings in force, redacted.', ['', '| less', '> in-force.toml']),
  onTheServer('admin init', 'Make the first administrator; refused once a person exists.', [
    '',
    '--username admin',
    '--help',
  ]),
  onTheServer('admin calibrate', "Measure what a password's hash may cost on this machine.", [
    '',
    '--target-ms 250',
    '--json',
  ]),
  onTheServer(
    'kms change-backend',
    'Have another key encryption key open the data key beside the old one; with --finish, in its place.',
    ['', '--finish', '--json'],
  ),
  onTheServer('admin recover', 'Let an administrator back in; audited.', [
    '--username admin',
    '--username ada',
    '--help',
  ]),
]
