"""A DAG for each workspace: every night records into it, then all of it into the warehouse.

Meltano has an environment of its own, beside Airflow's, and its secrets in the project's .env.
"""

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

PROJECT = "/srv/lightfield"

for workspace in ("acme", "globex"):
    with DAG(
        f"lightfield_{workspace}",
        schedule="17 2 * * *",
        start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
        catchup=False,
        max_active_runs=1,
        # Meltano takes a run whose machine has died for a running one until five minutes after its last sign.
        default_args={"retries": 2, "retry_delay": pendulum.duration(minutes=6)},
    ):
        load, warehouse = (
            BashOperator(
                task_id=job,
                bash_command=f"./run.sh {workspace} {job}",
                cwd=PROJECT,
            )
            for job in ("load", "warehouse")
        )
        load >> warehouse
