"""Imports a dataset through the embedded stack as a Python service would: boto3 starts the job, follows it, and reads
what it stored.

    python boto3_import.py ENDPOINTS_JSON DATASET_URL

Exits 0 when the ledger balances and the bucket holds an object for each scene.
"""

import hashlib
import json
import sys
import time
import urllib.request
import uuid

import boto3

with open(sys.argv[1]) as file:
    endpoints = json.load(file)
url = sys.argv[2]
bucket, step_functions, supabase = endpoints["bucket"], endpoints["stepFunctions"], endpoints["supabase"]
keys = {
    "aws_access_key_id": bucket["accessKeyId"],
    "aws_secret_access_key": bucket["secretAccessKey"],
    "region_name": bucket["region"],
}
states = boto3.client("stepfunctions", endpoint_url=step_functions["endpoint"], **keys)
s3 = boto3.client("s3", endpoint_url=bucket["endpoint"], **keys)


def rest(method: str, path: str, body=None):
    headers = {"apikey": supabase["key"], "Authorization": f"Bearer {supabase['key']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{supabase['url']}/rest/v1/{path}", data, headers, method=method)
    with urllib.request.urlopen(request) as response:
        text = response.read()
        return json.loads(text) if text else None


dataset_id, job_id = str(uuid.uuid4()), str(uuid.uuid4())
rest("POST", "datasets", [{"id": dataset_id, "name": "boto3"}])
arn = states.start_execution(
    stateMachineArn=step_functions["importDatasetArn"],
    name=job_id,
    input=json.dumps({"dataset_id": dataset_id, "hf_dataset_url": url, "process": False}),
)["executionArn"]

deadline = time.monotonic() + 120
while (execution := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
    assert time.monotonic() < deadline, "the job did not end"
    time.sleep(0.2)
assert execution["status"] == "SUCCEEDED", execution
output = json.loads(execution["output"])
assert output["job_id"] == job_id
assert output["processed_scenes"] + output["skipped_scenes"] + output["failed_scenes"] == output["total_rows"] > 0, output

scenes = rest("GET", f"scenes?dataset_id=eq.{dataset_id}&select=r2_key_original,attrs")
assert len(scenes) == output["processed_scenes"], len(scenes)
for scene in scenes:
    stored = s3.get_object(Bucket=bucket["name"], Key=scene["r2_key_original"])["Body"].read()
    assert hashlib.sha256(stored).hexdigest() == scene["attrs"]["_modomo"]["image"]["sha256"], scene["r2_key_original"]

(run,) = states.list_map_runs(executionArn=arn)["mapRuns"]
counts = states.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"]
assert counts["total"] == counts["succeeded"] > 0, counts
events = states.get_execution_history(executionArn=arn)["events"]
assert events[0]["type"] == "ExecutionStarted" and events[-1]["type"] == "ExecutionSucceeded", events
print(f"imported {output['processed_scenes']} of {output['total_rows']} rows")
