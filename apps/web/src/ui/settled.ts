import type { Resource } from 'solid-js'

/**
 * What a resource has loaded; undefined before that. Reading one that still loads, `latest` too, takes the whole page
 * away until it has: for what a page can do without, and for what is being typed meanwhile.
 */
export const settled = <T>(resource: Resource<T>): T | undefined =>
  resource.state === 'ready' || resource.state === 'refreshing' ? resource.latest : undefined
