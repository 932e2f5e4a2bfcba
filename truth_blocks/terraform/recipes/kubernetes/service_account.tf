# makes: a service account in a namespace that may read what you name
# assumes: The cluster is reached through a kubeconfig file.
# asks: Which program uses the account?
# output: account_name | kubernetes_service_account_v1.recipe_name.metadata[0].name | Name of the account
resource "kubernetes_service_account_v1" "recipe_name" {
  metadata {
    name      = var.name
    namespace = var.namespace
  }
}

resource "kubernetes_role_v1" "recipe_name" {
  metadata {
    name      = var.name
    namespace = var.namespace
  }

  rule {
    api_groups = [""]
    resources  = var.readable_resources
    verbs      = ["get", "list", "watch"]
  }
}

resource "kubernetes_role_binding_v1" "recipe_name" {
  metadata {
    name      = var.name
    namespace = var.namespace
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = kubernetes_role_v1.recipe_name.metadata[0].name
  }

  subject {
    kind      = "ServiceAccount"
    name      = kubernetes_service_account_v1.recipe_name.metadata[0].name
    namespace = var.namespace
  }
}
