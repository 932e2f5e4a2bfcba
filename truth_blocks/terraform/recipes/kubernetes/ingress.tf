# makes: an ingress that serves one domain over HTTPS and sends it to a service
# assumes: The cluster is reached through a kubeconfig file and runs an ingress controller; the certificate lies in a secret.
# output: ingress_name | kubernetes_ingress_v1.recipe_name.metadata[0].name | Name of the ingress
resource "kubernetes_ingress_v1" "recipe_name" {
  metadata {
    name      = var.name
    namespace = var.namespace
  }

  spec {
    ingress_class_name = var.ingress_class

    tls {
      hosts       = [var.domain]
      secret_name = var.tls_secret
    }

    rule {
      host = var.domain

      http {
        path {
          path      = "/"
          path_type = "Prefix"

          backend {
            service {
              name = var.service_name

              port {
                number = 80
              }
            }
          }
        }
      }
    }
  }
}
