const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * Whether a text has the form of a UUID (RFC 9562 §4). Such a text is only ever an id, all other text only ever a
 * name.
 */
export const isUuid = (text: string): boolean => uuid.test(text)
