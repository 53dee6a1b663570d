import { command, type Command } from './command.ts'
import { flag } from './flag.ts'

/** What concerns this machine: servers that it knows, completion, versions. */
export const localCommands: readonly Command[] = [
  command('context list', 'Servers and accounts that this machine knows.', {
    examples: ['', '--json', '--quiet'],
    run: async (cli) => (await import('./run-context.ts')).listContexts(cli),
  }),
  command('context use', 'Use this server and account from now on.', {
    flags: [flag('name', 'name of the context', { required: true })],
    positionals: ['name'],
    examples: ['prod', 'local', 'prod --quiet'],
    run: async (cli, args) => (await import('./run-context.ts')).switchContext(cli, args),
  }),
  command('context add', 'Remember a server under a name.', {
    flags: [
      flag('name', 'name of the context', { required: true }),
      flag('url', 'address of the server', { required: true }),
    ],
    positionals: ['name', 'url'],
    examples: [
      'prod https://gatehouse.example.org',
      'local --url http://localhost:8420',
      'prod --url https://gatehouse.example.org --quiet',
    ],
    run: async (cli, args) => (await import('./run-context.ts')).addContext(cli, args),
  }),
  command('context remove', 'Forget a server and the tokens for it.', {
    flags: [flag('name', 'name of the context', { required: true })],
    positionals: ['name'],
    examples: ['prod', 'prod --yes', 'prod --yes --quiet'],
    run: async (cli, args) => (await import('./run-context.ts')).removeContext(cli, args),
  }),
  command('completion', 'Print the completion script of your shell.', {
    flags: [flag('shell', 'your shell', { kind: 'choice', choices: ['bash', 'zsh', 'fish'], required: true })],
    positionals: ['shell'],
    examples: [
      'bash > ~/.local/share/bash-completion/completions/gatehouse',
      'zsh > ~/.zfunc/_gatehouse',
      'fish > ~/.config/fish/completions/gatehouse.fish',
    ],
    run: async (cli, args) => (await import('./run-completion.ts')).printCompletionScript(cli, args),
  }),
  command('__complete', "Answers the shell's question for candidates.", {
    verbatim: true,
    hidden: true,
    run: async (cli, args) => (await import('./run-completion.ts')).printCandidates(cli, args.rest),
  }),
  command('version', "Print the version of this program; the server's is system version.", {
    examples: ['', '--json', '--quiet'],
    run: async (cli) => (await import('./run-version.ts')).runVersion(cli),
  }),
  command('doctor', 'Check what this machine needs for Gatehouse, and say what is missing.', {
    examples: ['', '--json', '--context prod'],
    run: async (cli) => (await import('./run-doctor.ts')).runDoctor(cli),
  }),
]
