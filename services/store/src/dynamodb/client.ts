import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/**
 * A client that the AWS SDK's own variables configure: `AWS_REGION`, `AWS_ENDPOINT_URL_DYNAMODB`, and credentials.
 * The SDK tries a call three times when the database throttles or fails; deadlines end that by an abort signal.
 */
export function connectToDynamoDB(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    // Milliseconds. Callers without a deadline must not wait forever for a database that went silent.
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  return DynamoDBDocumentClient.from(client);
}
