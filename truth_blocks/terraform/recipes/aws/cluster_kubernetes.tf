# makes: a Kubernetes cluster (EKS) with one group of machines and a closed public endpoint
# assumes: The cluster's API is reached from inside the network only.
# asks: Which version of Kubernetes, and who administers the cluster?
# output: cluster_endpoint | aws_eks_cluster.recipe_name.endpoint | Address of the cluster's API
data "aws_iam_policy_document" "recipe_name_cluster" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["eks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "recipe_name_nodes" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "recipe_name_cluster" {
  name               = "${var.name}-cluster"
  assume_role_policy = data.aws_iam_policy_document.recipe_name_cluster.json
}

resource "aws_iam_role_policy_attachment" "recipe_name_cluster" {
  role       = aws_iam_role.recipe_name_cluster.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
}

resource "aws_iam_role" "recipe_name_nodes" {
  name               = "${var.name}-nodes"
  assume_role_policy = data.aws_iam_policy_document.recipe_name_nodes.json
}

resource "aws_iam_role_policy_attachment" "recipe_name_nodes" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"])

  role       = aws_iam_role.recipe_name_nodes.name
  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
}

resource "aws_eks_cluster" "recipe_name" {
  name     = var.name
  role_arn = aws_iam_role.recipe_name_cluster.arn

  vpc_config {
    subnet_ids              = var.subnet_ids
    endpoint_private_access = true
    endpoint_public_access  = false
  }

  depends_on = [aws_iam_role_policy_attachment.recipe_name_cluster]
}

resource "aws_eks_node_group" "recipe_name" {
  cluster_name    = aws_eks_cluster.recipe_name.name
  node_group_name = var.name
  node_role_arn   = aws_iam_role.recipe_name_nodes.arn
  subnet_ids      = var.subnet_ids

  scaling_config {
    desired_size = 2
    max_size     = 3
    min_size     = 1
  }

  depends_on = [aws_iam_role_policy_attachment.recipe_name_nodes]
}
