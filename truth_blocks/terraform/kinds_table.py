# ruff: noqa: E501 - a table reads best with one row a line
"""The table of kinds: how people call things on each cloud, and which resource types are meant."""

from collections.abc import Mapping

from truth_blocks.terraform.kinds import Kind

Row = tuple[str, str, str]
"""Name of the kind and its recipe, words, resource types without the provider's prefix."""

_BALANCER = r"load ?balancers?"
_BUDGET = r"(cost |monthly )?budgets?( alerts?)?|(cost|spending|billing) (alert|limit|alarm)s?"
_CERTIFICATE = r"(managed )?(tls |ssl |https )?certificates?"
_KUBERNETES = r"(managed )?(kubernetes|k8s)( clusters?)?"
_REDIS = r"(redis|valkey|memcached)( (instance|server|cluster|cache)s?)*"
_REGISTRY = r"(private )?(container|image|docker) regist(ry|ries)"
_SCHEDULE = r"cron( ?jobs?)?|schedule[ds]? (task|job|rule|call|run)s?"
_SQL = r"(sql |relational )?(db|databases?)( (instance|server|database|cluster)s?)*"
_VM = r"vms?|virtual machines?|(web ?|linux |ubuntu |debian )?servers?|instances?"
_WEBSITE = r"static (web ?)?(site|page)s?|websites?"
_ADDRESS = r"(static|reserved|public|fixed) (ips?|address(es)?)( address(es)?)?"
_DNS = r"dns( (zone|record|entr(y|ie))s?)*|hosted zones?"

_AWS: tuple[Row, ...] = (
    ("website", _WEBSITE, "s3_bucket cloudfront_distribution amplify_app"),
    ("bucket", r"s3( (bucket|storage)s?)*|buckets?|object stor(e|age)", "s3_bucket s3_directory_bucket s3tables_table_bucket"),
    ("cluster_kubernetes", rf"(aws )?eks( clusters?)?|{_KUBERNETES}", "eks_cluster"),
    ("cluster_containers", r"ecs( (cluster|service|task)s?)*|fargate|container (cluster|service)s?", "ecs_cluster ecs_service"),
    ("vpc", r"vpcs?|(private |virtual )?networks? with|virtual networks?|subnets?", "vpc default_vpc subnet"),
    ("security_group", r"security groups?|firewalls?( rules?)?", "security_group default_security_group"),
    ("table", r"dynamo ?db( tables?)?", "dynamodb_table dynamodb_global_table"),
    ("database", rf"(postgres(ql)?( ?\d+)?|mysql|mariadb|rds|aurora)( (instance|server|database|db|cluster)s?)*|{_SQL}", "db_instance rds_cluster"),
    ("function", r"(aws )?lambdas?( functions?)?|(serverless )?functions?", "lambda_function"),
    ("queue", r"sqs( queues?)?|(message |job |task )?queues?", "sqs_queue mq_broker"),
    ("topic", r"sns( topics?)?|(notification )?topics?", "sns_topic"),
    ("role", r"iam roles?", "iam_role iam_service_linked_role"),
    ("policy", r"iam polic(y|ies)", "iam_policy iam_role_policy iam_user_policy iam_policy_document"),
    ("zone", rf"{_DNS}|route ?53( (zone|record)s?)*", "route53_zone route53_record"),
    ("registry", rf"ecr( repositor(y|ies))?|{_REGISTRY}", "ecr_repository ecrpublic_repository"),
    ("balancer", rf"(application |network )?{_BALANCER}|albs?|nlbs?", "lb alb elb"),
    ("budget", _BUDGET, "budgets_budget"),
    ("distribution", r"cloudfront( distributions?)?|cdn|content delivery", "cloudfront_distribution"),
    ("cache", rf"elasticache|{_REDIS}", "elasticache_replication_group elasticache_cluster elasticache_serverless_cache memorydb_cluster"),
    ("address", rf"elastic ips?|eips?|{_ADDRESS}", "eip"),
    ("disk", r"ebs( volumes?)?|(persistent|extra|data|separate|managed) (disk|volume)s?", "ebs_volume"),
    ("instance", rf"ec2( (instance|machine|vm|server)s?)*|{_VM}", "instance launch_template spot_instance_request autoscaling_group lightsail_instance"),
    ("logs", r"log groups?|cloudwatch logs?", "cloudwatch_log_group"),
    ("alarm", r"(cloudwatch )?(metric )?alarms?|(metric|monitoring) alerts?", "cloudwatch_metric_alarm cloudwatch_composite_alarm"),
    ("key", r"kms( keys?)?|encryption keys?", "kms_key kms_replica_key"),
    ("secret", r"secrets? manager( secrets?)?|secrets?", "secretsmanager_secret ssm_parameter"),
    ("filesystem", r"efs|(shared |network )?file ?systems?", "efs_file_system fsx_lustre_file_system"),
    ("schedule", rf"eventbridge( (schedule|rule)s?)?|{_SCHEDULE}", "scheduler_schedule cloudwatch_event_rule"),
    ("certificate", rf"acm( certificates?)?|{_CERTIFICATE}", "acm_certificate"),
)  # fmt: skip
_GOOGLE: tuple[Row, ...] = (
    ("website", _WEBSITE, "storage_bucket compute_backend_bucket"),
    ("logs", r"log buckets?|log sinks?|cloud logging( buckets?)?", "logging_project_bucket_config logging_project_sink"),
    ("bucket", r"gcs( buckets?)?|cloud storage( buckets?)?|(storage )?buckets?|object stor(e|age)", "storage_bucket"),
    ("warehouse", r"big ?query( (data ?set|table|warehouse)s?)*|data warehouses?", "bigquery_dataset bigquery_table"),
    ("cluster", rf"gke( autopilot)?( clusters?)?|{_KUBERNETES}", "container_cluster"),
    ("service", r"cloud run( (service|app)s?)?|container (service|app)s?", "cloud_run_v2_service cloud_run_service"),
    ("function", r"cloud functions?|(serverless )?functions?|lambdas?", "cloudfunctions2_function cloudfunctions_function"),
    ("firewall", r"firewalls?( rules?)?", "compute_firewall compute_firewall_policy"),
    ("network", r"vpcs?( networks?)?|(private |virtual )?networks?|subnet(work)?s?", "compute_network compute_subnetwork"),
    ("table", r"firestore( databases?)?|document (stores?|databases?)|nosql( (db|database)s?)?", "firestore_database bigtable_instance"),
    ("database", rf"(cloud ?sql|postgres(ql)?( ?\d+)?|mysql|sql server)( (instance|server|database|db|cluster)s?)*|{_SQL}", "sql_database_instance alloydb_cluster spanner_instance"),
    ("topic", r"pub ?/?sub( (topic|subscription)s?)*|(notification |message )?topics?", "pubsub_topic"),
    ("queue", r"cloud tasks( queues?)?|(message |job |task )?queues?", "cloud_tasks_queue pubsub_topic"),
    ("zone", rf"cloud dns( (zone|record)s?)*|{_DNS}|managed zones?", "dns_managed_zone dns_record_set"),
    ("registry", rf"artifact registr(y|ies)( repositor(y|ies))?|{_REGISTRY}", "artifact_registry_repository"),
    ("service_account", r"service accounts?", "service_account"),
    ("role", r"(custom )?iam roles?|custom roles?", "project_iam_custom_role organization_iam_custom_role project_iam_member"),
    ("secret", r"secrets? manager( secrets?)?|secrets?", "secret_manager_secret"),
    ("key", r"(cloud )?kms( keys?)?|encryption keys?|key ?rings?", "kms_crypto_key kms_key_ring"),
    ("budget", _BUDGET, "billing_budget"),
    ("alarm", r"(monitoring |metric )?(alert|alarm)s?( polic(y|ies))?", "monitoring_alert_policy"),
    ("schedule", rf"cloud scheduler( jobs?)?|{_SCHEDULE}", "cloud_scheduler_job"),
    ("cache", rf"memorystore|{_REDIS}", "redis_instance redis_cluster memorystore_instance memcache_instance"),
    ("filesystem", r"filestore( instances?)?|(shared |network )?file ?(system|share)s?|nfs( shares?)?", "filestore_instance"),
    ("certificate", _CERTIFICATE, "compute_managed_ssl_certificate certificate_manager_certificate compute_ssl_certificate"),
    ("address", _ADDRESS, "compute_address compute_global_address"),
    ("balancer", rf"(global |http |https |application )*{_BALANCER}", "compute_backend_service compute_global_forwarding_rule compute_forwarding_rule"),
    ("disk", r"(persistent|extra|data|separate|managed) disks?", "compute_disk"),
    ("instance", rf"gce( (instance|vm)s?)?|compute engine( (instance|vm)s?)?|(compute |vm )?{_VM}", "compute_instance compute_instance_template"),
)  # fmt: skip
_AZURERM: tuple[Row, ...] = (
    ("website", rf"static web apps?|{_WEBSITE}", "static_web_app storage_account_static_website"),
    ("bucket", r"(blob )?storage (account|container|bucket)s?|blob( storage| container)*s?|buckets?|object stor(e|age)", "storage_account storage_container"),
    ("cluster", rf"aks( clusters?)?|{_KUBERNETES}", "kubernetes_cluster"),
    ("service", r"container (app|service|instance)s?", "container_app container_group"),
    ("function", r"(linux )?function apps?|(azure |serverless )?functions?|lambdas?", "linux_function_app function_app_flex_consumption windows_function_app"),
    ("webapp", r"(linux )?(web ?apps?|app services?)", "linux_web_app windows_web_app"),
    ("firewall", r"(network )?security groups?|nsgs?|firewalls?( rules?)?", "network_security_group firewall"),
    ("network", r"v-?nets?|(private |virtual )?networks?|subnets?", "virtual_network subnet"),
    ("table", r"cosmos ?db( (account|database|container)s?)*|document (stores?|databases?)|nosql( (db|database)s?)?", "cosmosdb_account"),
    ("database_mssql", r"(azure |ms ?)?sql (server|database)s?( (server|database)s?)?|mssql( (server|database)s?)*", "mssql_database mssql_server"),
    ("database_mysql", r"mysql( (flexible )?(instance|server|database|db|cluster)s?)*", "mysql_flexible_server"),
    ("database", r"postgres(ql)?( ?\d+)?( (flexible )?(instance|server|database|db|cluster)s?)*|(relational )?(db|databases?)( (server|database)s?)?", "postgresql_flexible_server mssql_database mysql_flexible_server"),
    ("topic", r"(service bus |notification |message )?topics?", "servicebus_topic eventgrid_topic"),
    ("queue", r"service bus( (namespace|queue)s?)*|(message |job |task )?queues?", "servicebus_queue storage_queue"),
    ("stream", r"event ?hubs?( namespaces?)?|event streams?", "eventhub"),
    ("zone", rf"(azure )?{_DNS}", "dns_zone dns_a_record private_dns_zone"),
    ("registry", rf"acr|(azure )?{_REGISTRY}", "container_registry"),
    ("balancer", rf"{_BALANCER}|application gateways?", "lb application_gateway"),
    ("identity", r"(user assigned |user-assigned )?(managed )?identit(y|ies)|role assignments?", "user_assigned_identity role_assignment"),
    ("role", r"custom (rbac )?roles?|role definitions?|(iam|rbac) roles?", "role_definition role_assignment"),
    ("secret", r"(key ?vault )?secrets?", "key_vault_secret"),
    ("key", r"key ?vault keys?|encryption keys?", "key_vault_key"),
    ("vault", r"key ?vaults?", "key_vault"),
    ("budget", _BUDGET, "consumption_budget_subscription consumption_budget_resource_group"),
    ("alarm", r"(monitoring |monitor |metric )?(alert|alarm)s?( rules?)?", "monitor_metric_alert"),
    ("schedule", rf"logic apps?( workflows?)?|{_SCHEDULE}", "logic_app_workflow automation_schedule"),
    ("cache", rf"(azure )?{_REDIS}", "redis_cache managed_redis"),
    ("logs", r"log analytics( workspaces?)?|log workspaces?", "log_analytics_workspace"),
    ("filesystem", r"(azure )?file ?(share|system)s?|azure files", "storage_share"),
    ("address", _ADDRESS, "public_ip"),
    ("disk", r"(managed|extra|data|separate|persistent) disks?", "managed_disk"),
    ("group", r"resource groups?", "resource_group"),
    ("instance", _VM, "linux_virtual_machine windows_virtual_machine linux_virtual_machine_scale_set"),
)  # fmt: skip
_KUBERNETES_OBJECTS: tuple[Row, ...] = (
    ("helm", r"helm( (chart|release)s?)?|charts?", "helm_release"),
    ("ingress", r"ingress(es)?( rules?)?", "ingress_v1 ingress"),
    ("config", r"config ?maps?", "config_map_v1 config_map"),
    ("service_account", r"service accounts?|rbac( roles?)?|(cluster )?roles?( bindings?)?", "service_account_v1 service_account role_v1 role"),
    ("secret", r"secrets?", "secret_v1 secret"),
    ("cron", rf"{_SCHEDULE}|jobs?", "cron_job_v1 job_v1 cron_job job"),
    ("volume", r"pvcs?|persistent volumes?( claims?)?|volumes?( claims?)?", "persistent_volume_claim_v1 persistent_volume_claim"),
    ("deployment", r"deployments?|(web ?)?apps?|applications?|pods?|services?|workloads?", "deployment_v1 deployment service_v1 service pod_v1 pod"),
    ("namespace", r"(?<!in )(?<!in the )(?<!in our )namespaces?", "namespace_v1 namespace"),
)  # fmt: skip


def _kinds(provider: str, rows: tuple[Row, ...]) -> tuple[Kind, ...]:
    def full(name: str) -> str:
        return name if name == "helm_release" else f"{provider}_{name}"

    return tuple(Kind(name, words, tuple(map(full, types.split()))) for name, words, types in rows)


KINDS: Mapping[str, tuple[Kind, ...]] = {
    "aws": _kinds("aws", _AWS),
    "google": _kinds("google", _GOOGLE),
    "azurerm": _kinds("azurerm", _AZURERM),
    "kubernetes": _kinds("kubernetes", _KUBERNETES_OBJECTS),
}
"""Provider → its kinds; an earlier kind takes its words from the later ones."""
