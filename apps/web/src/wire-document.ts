/** Where enums stand in a value: a field's enum name, or the fields below it. Lists are looked through. */
export interface EnumTree {
  readonly [field: string]: string | EnumTree
}

/** Per enum: GraphQL's spelling → the contract's value. */
export type EnumSpellings = Readonly<Record<string, Readonly<Record<string, string>>>>

/** One operation as GraphQL knows it. */
export interface WireDocument {
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly field: string
  readonly list: boolean
  readonly takesInput: boolean
  readonly summary: string
  readonly text: string
  readonly inputEnums?: EnumTree
  readonly outputEnums?: EnumTree
}
