"""A table, a queue and their contents by boto3, beside those of the product. The argument is the endpoint."""

import sys

import boto3

dynamodb = boto3.client("dynamodb", endpoint_url=sys.argv[1])
sqs = boto3.client("sqs", endpoint_url=sys.argv[1])

dynamodb.create_table(
    TableName="notes",
    BillingMode="PAY_PER_REQUEST",
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
)
dynamodb.get_waiter("table_exists").wait(TableName="notes")
note = {"id": {"S": "n1"}, "words": {"L": [{"S": "Hello"}, {"N": "2"}]}}
dynamodb.put_item(TableName="notes", Item=note)
assert dynamodb.get_item(TableName="notes", Key={"id": {"S": "n1"}}, ConsistentRead=True)["Item"] == note

queue = sqs.create_queue(QueueName="errands", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
sqs.send_message(QueueUrl=queue, MessageBody="Buy milk.", DelaySeconds=0)
[message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
assert message["Body"] == "Buy milk.", message
sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
# Nothing hides it, so only its deletion keeps it from coming again.
assert "Messages" not in sqs.receive_message(QueueUrl=queue)
