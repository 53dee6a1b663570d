import type { HostSetup } from './ssh-host-setup-facts.ts'
import { changesOf, checksOf, undoOf } from './ssh-host-setup-steps.ts'

/**
 * A POSIX script for the host: it checks first and changes then, puts everything back where sshd does not take the
 * result, may be run again, with `--check` only checks, and with `--undo` takes itself back.
 */
export const setupScript = (setup: HostSetup): string =>
  [...headOf(setup), ...undoOf(setup), ...checksOf(setup), ...changesOf(setup)].join('\n') + '\n'

const headOf = ({ serverUrl, name }: HostSetup): readonly string[] => [
  '#!/bin/sh',
  `# Makes this machine, registered as ${name}, trust the Gatehouse at ${serverUrl}.`,
  '# Run as root. It may be run again; with `--check` it only says what stands in the way, and `--undo` takes back',
  '# what it did.',
  'set -eu',
  'umask 022',
  'config=/etc/ssh/sshd_config',
  'drop_in=/etc/ssh/sshd_config.d/50-gatehouse.conf',
  'sshd=$(command -v sshd || echo /usr/sbin/sshd)',
  'stop() { echo "gatehouse setup: $1" >&2; exit 1; }',
  '[ "$(id -u)" = 0 ] || stop "run this as root"',
  '[ -x "$sshd" ] || stop "there is no sshd on this machine"',
  '',
]
