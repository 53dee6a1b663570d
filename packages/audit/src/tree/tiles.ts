import type { Store } from '@gatehouse/database'
import { readNewestCheckpoint } from '../checkpoint.queries.ts'
import { hashesOf, OutsideTreeError, tileLevelMax, tileWidth } from './tree-hashes.ts'

/** A tile of the log, by its path. */
export interface TilePlace {
  readonly level: number
  readonly index: number
  /** Hashes that are asked for; 256 is the whole tile. */
  readonly width: number
}

/** `x001/x234/067`: groups of three digits, all but the last with an x. */
const indexForm = '((?:x\\d{3}/)*\\d{3})'
const form = new RegExp(`^/tile/(0|[1-9]\\d?)/${indexForm}(?:\\.p/([1-9]\\d{0,2}))?$`)

/** C2SP tlog-tiles: reads `/tile/<L>/<N>[.p/<W>]`. Null: it is no path of a tile, or not the one spelling of it. */
export function parseTilePath(path: string): TilePlace | null {
  const [, level = '', groups = '', width] = form.exec(path) ?? []
  if (groups === '' || groups.startsWith('x000/')) return null
  const place = {
    level: Number(level),
    index: Number(groups.replaceAll(/[x/]/g, '')),
    width: width === undefined ? tileWidth : Number(width),
  }
  const isPartial = width !== undefined
  return place.level <= tileLevelMax && Number.isSafeInteger(place.index) && (!isPartial || place.width < tileWidth)
    ? place
    : null
}

/** The hashes of a tile, 32 bytes each. Null: no checkpoint that was signed reaches so far. */
export async function readTile(db: Store, { level, index, width }: TilePlace): Promise<Buffer | null> {
  const size = (await readNewestCheckpoint(db))?.size ?? 0
  const there = Math.floor(size / tileWidth ** level) - index * tileWidth
  if (there < width) return null
  try {
    return Buffer.concat(await hashesOf(db, { level, index: index * tileWidth, count: width }))
  } catch (error) {
    if (error instanceof OutsideTreeError) return null
    throw error
  }
}
