import type { Cli } from './cli.ts'
import { candidatesFor } from './completion-candidates.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { flag } from './flag.ts'

/** Each shell asks this program itself, so that what it offers is never older than the program. */
const scripts = {
  bash: [
    '_gatehouse() {',
    "  local IFS=$'\\n'",
    '  local candidates',
    '  candidates="$(gatehouse __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)"',
    '  COMPREPLY=($(compgen -W "$candidates" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o default -F _gatehouse gatehouse',
  ],
  zsh: [
    '#compdef gatehouse',
    '_gatehouse() {',
    '  local -a candidates',
    '  candidates=("${(@f)$(gatehouse __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")',
    '  compadd -a candidates',
    '}',
    // from fpath the file itself is the function, and its first call is already a question
    'if [[ "$funcstack[1]" = "_gatehouse" ]]; then',
    '  _gatehouse "$@"',
    'else',
    '  compdef _gatehouse gatehouse',
    'fi',
  ],
  fish: [
    "complete -c gatehouse -f -a '(gatehouse __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'",
  ],
} as const

/** Prints the script of a shell. */
export const printCompletionScript = async ({ terminal }: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('shell', '', { required: true })])
  const shell = textOf(values, 'shell')
  const lines = shell === 'bash' || shell === 'zsh' || shell === 'fish' ? scripts[shell] : []
  terminal.out(`${lines.join('\n')}\n`)
  return 0
}

/** Prints what may stand where the last word is being typed, one candidate a line. Errors offer nothing. */
export const printCandidates = async (cli: Cli, words: readonly string[]): Promise<number> => {
  const candidates = await candidatesFor(cli, cli.commands, words).catch(() => [])
  for (const candidate of candidates) cli.terminal.out(`${printable(candidate)}\n`)
  return 0
}
