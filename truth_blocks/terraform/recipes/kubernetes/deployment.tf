# makes: a deployment that runs two copies of one image, with limits and without privileges, and a service in front of it
# assumes: The cluster is reached through a kubeconfig file; the image runs as a user that is not root.
# asks: How should the service be reached from outside the cluster, if at all?
# output: service_name | kubernetes_service_v1.recipe_name_app.metadata[0].name | Name of the service
resource "kubernetes_deployment_v1" "recipe_name_app" {
  metadata {
    name      = var.name
    namespace = var.namespace
  }

  spec {
    replicas = 2

    selector {
      match_labels = {
        app = var.name
      }
    }

    template {
      metadata {
        labels = {
          app = var.name
        }
      }

      spec {
        automount_service_account_token = false

        container {
          name  = "app"
          image = var.image

          port {
            container_port = var.target_port
          }

          resources {
            requests = {
              cpu    = "100m"
              memory = "128Mi"
            }

            limits = {
              memory = "256Mi"
            }
          }

          security_context {
            run_as_non_root            = true
            allow_privilege_escalation = false
          }
        }
      }
    }
  }
}

resource "kubernetes_service_v1" "recipe_name_app" {
  metadata {
    name      = var.name
    namespace = var.namespace
  }

  spec {
    selector = {
      app = var.name
    }

    port {
      port        = 80
      target_port = var.target_port
    }
  }
}
