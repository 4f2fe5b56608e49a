#!/usr/bin/env bash
# Work that failed for good: shows it with its reasons, or puts it back.
#
#   infra/dead-letters.sh <stack>                    what lies in the dead-letter queues, and why
#   infra/dead-letters.sh <stack> redrive [queue …]  puts it back: all of it, or that of some queues (plan send finish …)
#
# On one machine the stack is `dundun`, with AWS_ENDPOINT_URL set to what the host prints. Needs the AWS CLI; AWS_PROFILE,
# AWS_REGION and AWS_ENDPOINT_URL are honoured by it. Putting work back twice is safe: nobody gets a text twice.
set -euo pipefail

stack=${1:?"usage: infra/dead-letters.sh <stack> [redrive [queue ...]]"}
shift

queues=(plan send finish import receipts notify)
# Version 1 of the CLI does not look at AWS_ENDPOINT_URL for SQS.
sqs() { aws ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} sqs "$@"; }
base=$(sqs get-queue-url --queue-name "$stack-plan" --query QueueUrl --output text)
base=${base%plan}

show() { # queue: its dead letters (ten at most), a line each
  local letters
  letters=$(sqs receive-message --queue-url "$base$1-dlq" --max-number-of-messages 10 --visibility-timeout 0 \
    --message-attribute-names All --output text --query 'Messages[].[
      MessageAttributes.ERROR_CODE.StringValue || `"no reason"`,
      MessageAttributes.ERROR_MESSAGE.StringValue || `"it never came to an end: it crashed or ran out of time"`,
      Body]')
  case $letters in "" | None) ;; *) printf '%s\n%s\n' "$1:" "$letters" ;; esac
}

redrive() { # queue. The destination is named, because what a function gave up itself has no source that SQS knows.
  local count arn
  read -r count arn < <(sqs get-queue-attributes --queue-url "$base$1-dlq" --output text \
    --attribute-names ApproximateNumberOfMessages QueueArn \
    --query '[Attributes.ApproximateNumberOfMessages, Attributes.QueueArn]')
  [ "$count" = 0 ] && return
  sqs start-message-move-task --source-arn "$arn" --destination-arn "${arn%-dlq}" --query TaskHandle --output text >/dev/null
  echo "$1: $count put back"
}

case ${1:-show} in
show) for queue in "${queues[@]}"; do show "$queue"; done ;;
redrive)
  shift
  [ $# -gt 0 ] || set -- "${queues[@]}"
  for queue in "$@"; do redrive "$queue"; done
  ;;
*)
  echo "expected nothing or \`redrive\`, not \`$1\`" >&2
  exit 2
  ;;
esac
