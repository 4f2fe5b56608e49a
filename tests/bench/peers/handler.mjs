// A function as one usually writes it on Node: a client made once, and an item read per event.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';

const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const queues = new SQSClient({});

export async function handler(event) {
  const { Item } = await table.send(new GetCommand({ TableName: process.env.DUNDUN_TABLE, Key: { pk: event.pk, sk: event.sk } }));
  if (event.queue) await queues.send(new SendMessageCommand({ QueueUrl: event.queue, MessageBody: JSON.stringify(Item) }));
  return { statusCode: Item ? 200 : 404, body: JSON.stringify(Item ?? null) };
}
