// The tests in `tests/e2e` reach the client through here: it is installed for this folder.
export { ClientError, GraphQLClient, gql } from 'graphql-request'
export { getIntrospectionQuery } from 'graphql'
