# makes: a scheduled job that runs one image, one run at a time
# assumes: The cluster is reached through a kubeconfig file; the image runs as a user that is not root.
# output: job_name | kubernetes_cron_job_v1.recipe_name.metadata[0].name | Name of the job
resource "kubernetes_cron_job_v1" "recipe_name" {
  metadata {
    name      = var.name
    namespace = var.namespace
  }

  spec {
    schedule           = var.cron
    concurrency_policy = "Forbid"

    job_template {
      metadata {
        name = var.name
      }

      spec {
        backoff_limit = 2

        template {
          metadata {
            name = var.name
          }

          spec {
            restart_policy                  = "Never"
            automount_service_account_token = false

            container {
              name  = "job"
              image = var.image

              security_context {
                run_as_non_root            = true
                allow_privilege_escalation = false
              }
            }
          }
        }
      }
    }
  }
}
