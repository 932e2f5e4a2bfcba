terraform {
  required_providers {
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "~> 3.0"
    }
    helm = {
      source  = "hashicorp/helm"
      version = "~> 3.0"
    }
  }
}

provider "helm" {
  kubernetes = {
    config_path = "~/.kube/config"
  }
}

resource "tls_private_key" "deploy" {
  algorithm = "ED25519"
}

resource "random_password" "admin" {
  length  = 24
  special = false
}

resource "kubernetes_namespace_v1" "app" {
  metadata {
    name = "app"
  }
}

resource "kubernetes_secret_v1" "admin" {
  metadata {
    name      = "admin"
    namespace = kubernetes_namespace_v1.app.metadata[0].name
  }
  data = {
    password = random_password.admin.result
    key      = tls_private_key.deploy.private_key_openssh
  }
}

resource "kubernetes_deployment_v1" "app" {
  metadata {
    name      = "app"
    namespace = kubernetes_namespace_v1.app.metadata[0].name
  }
  spec {
    replicas = 2
    selector {
      match_labels = { app = "app" }
    }
    template {
      metadata {
        labels = { app = "app" }
      }
      spec {
        container {
          name  = "app"
          image = "example/app:1.2"
          port {
            container_port = 8080
          }
        }
      }
    }
  }
}

resource "helm_release" "ingress" {
  name       = "ingress"
  repository = "https://charts.example.org"
  chart      = "ingress"
  namespace  = "ingress"
  values     = [yamlencode({ replicas = 2 })]
  set = [
    { name = "service.type", value = "ClusterIP" }
  ]
}

resource "time_sleep" "settle" {
  create_duration = "30s"
  depends_on      = [helm_release.ingress]
}

resource "null_resource" "note" {
  triggers = { release = helm_release.ingress.version }
}

resource "local_file" "kubeconfig" {
  filename = "${path.module}/out/config"
  content  = "generated"
}

data "http" "health" {
  url = "https://example.org/health"
}

data "archive_file" "site" {
  type        = "zip"
  source_dir  = "${path.module}/site"
  output_path = "${path.module}/site.zip"
}

data "external" "version" {
  program = ["sh", "-c", "echo {}"]
}

output "status" {
  value = data.http.health.status_code
}
