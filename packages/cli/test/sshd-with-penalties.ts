// An sshd of OpenSSH 9.8 or later, by which hosts are set up: the machine's own where it is one, else a stand-in.
import { execFile } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const runFile = promisify(execFile)

/**
 * Stands in for a newer sshd where this machine has an older one: it knows the two settings of penalties, checks and
 * shows them as that does, and asks the machine's own for all others.
 */
const standIn = `#!/bin/sh
set -eu
for config; do :; done # the last of its arguments
what=$1 facts=
[ "$2" != -C ] || facts=$3
place=$(dirname "$config")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -a "$place/." "$copy"
set -- "$copy"/sshd_config.d/*.conf
[ -e "$1" ] || set --
grep -q "^Include" "$copy/sshd_config" || set --
first() { cat "$@" "$copy/sshd_config" | awk -v name="$name" 'tolower($1) == name { print $2; exit }'; }
name=persourcepenaltyexemptlist; exempt=$(first "$@")
name=persourcepenalties; penalties=$(first "$@")
sed -i -e '/^PerSourcePenalt/d' -e "s|$place/sshd_config.d|$copy/sshd_config.d|" "$copy/sshd_config" "$@"
/usr/sbin/sshd "$what" \${facts:+-C "$facts"} -f "$copy/sshd_config"
[ "$what" = -t ] || printf 'persourcepenaltyexemptlist %s\\npersourcepenalties %s\\n' \\
  "\${exempt:-none}" "\${penalties:-crash:90 authfail:5 noauth:1}"
`

/** The directory that is to stand first in the path of a script for hosts; null: this machine's own sshd knows them. */
export const penaltiesPath = async (directory: string, config: string): Promise<string | null> => {
  const { stdout } = await runFile('/usr/sbin/sshd', ['-T', '-f', config])
  if (stdout.includes('\npersourcepenalties ')) return null
  writeFileSync(join(directory, 'sshd'), standIn)
  chmodSync(join(directory, 'sshd'), 0o755)
  return directory
}
