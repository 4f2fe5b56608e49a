#!/usr/bin/env bash
# Makes the keys of a deployment, once: `infra/secrets.sh <stack>`. A secret that has a value is left alone, so it can
# be run again. Prints the setup token, which lets the first owner register where registration is by invitation.
#
# Here and not in the template, because CloudFormation generates a secret anew when its definition changes, and a new
# root key would make every stored provider credential unreadable.
#
# Needs the AWS CLI and openssl; AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL are honoured by the former.
set -euo pipefail
umask 077

stack=${1:?"usage: infra/secrets.sh <stack>"}

versions() { # how many a secret has; fails where that cannot be told, so that no key is ever overwritten
  aws secretsmanager describe-secret --secret-id "$1" --query 'length(keys(VersionIdsToStages || `{}`))' --output text
}

put() { # name, value: through a file, so that no list of processes shows it
  local file
  file=$(mktemp)
  printf '%s' "$2" >"$file"
  aws secretsmanager put-secret-value --secret-id "$1" --secret-string "file://$file" --query Name --output text
  rm -f "$file"
}

root=$(versions "$stack/root")
signing=$(versions "$stack/signing")
if [ "$root" = 0 ]; then
  put "$stack/root" "{\"key\":\"$(openssl rand -base64 32)\"}"
fi
if [ "$signing" = 0 ]; then
  put "$stack/signing" "{\"kid\":\"k$(date +%s)\",\"seed\":\"$(openssl rand -hex 32)\",\"setupToken\":\"$(openssl rand -hex 24)\"}"
fi

token=$(aws secretsmanager get-secret-value --secret-id "$stack/signing" --query SecretString --output text |
  sed -n 's/.*"setupToken": *"\([^"]*\)".*/\1/p')
echo "The setup token for the first owner (it works once): ${token:-none in $stack/signing}"
