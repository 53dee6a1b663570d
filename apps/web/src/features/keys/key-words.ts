import type { Wire } from '@gatehouse/contract'
import type { Figure } from '../../ui/figures.tsx'

type Stats = Wire<'sshKey.stats'>
type Counted = Pick<Figure, 'words' | 'href' | 'tone'>

const counts: readonly (readonly [keyof Pick<Stats, 'generated' | 'deployed' | 'removing' | 'overdue'>, Counted])[] = [
  ['deployed', { words: 'deployed', href: '/access/keys?state=deployed', tone: 'calm' }],
  ['generated', { words: 'not on their host yet', href: '/access/keys?state=generated', tone: 'calm' }],
  ['removing', { words: 'being removed', href: '/access/keys?state=removing', tone: 'calm' }],
  ['overdue', { words: 'past their end and perhaps still on a host', href: '/access/keys', tone: 'bad' }],
]

/** What of all keys is worth a look; what is zero is left out, but for those that are where they work. */
export const figuresOf = (stats: Stats): readonly Figure[] =>
  counts
    .map(([name, words]) => ({ count: stats[name], ...words, name }))
    .filter(({ name, count }) => name === 'deployed' || count > 0)
    .map(({ name: _, ...figure }) => figure)
