import { exploreRule, one, threeRoles } from '../test/model.ts'

exploreRule({
  name: 'in sequence',
  rule: { inSequence: [one('Operator'), one('Admin')] },
  roles: threeRoles,
  lets: 'some',
})
