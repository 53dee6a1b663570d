import { exploreRule, one, threeRoles } from '../test/model.ts'

exploreRule({
  name: 'nested',
  rule: { anyOf: [{ people: 2, roles: ['Operator'] }, { allOf: [one('Admin'), { anyOf: [one('Operator')] }] }] },
  roles: threeRoles,
  lets: 'some',
})
